"""One small function per condition: None when it holds, else what is still needed and the rule."""
