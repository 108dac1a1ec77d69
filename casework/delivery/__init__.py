"""Messages, from the act that owes them to the mail server's answer or the letter in the post."""
