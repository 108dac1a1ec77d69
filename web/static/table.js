// Keeps what is typed in the table, for whoever types it, a moment after they stop; every page is complete without it.
const form = document.getElementById("table");
const said = document.getElementById("kept-at");
let waiting;
async function keep() {
  const data = new FormData(form);
  data.set("action", "keep");
  const answer = await fetch(location.pathname, { method: "POST", body: data, headers: { "X-Requested-With": "table" } });
  if (answer.status === 204) {
    said.textContent = `${form.dataset.keep} ${new Date().toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" })}`;
  }
}
if (form && said) {
  form.addEventListener("input", () => { clearTimeout(waiting); waiting = setTimeout(keep, 2000); });
  form.addEventListener("submit", () => clearTimeout(waiting));
}
