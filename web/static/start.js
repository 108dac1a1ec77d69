// Starts the design system's own behaviour; every page is complete without it.
const { initAll } = await import(document.querySelector("script[data-govuk]").dataset.govuk);
initAll();
