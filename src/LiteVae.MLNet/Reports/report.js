
"use strict";
// input | output
const figures = [...document.querySelectorAll(".comparison")];
const allErrors = document.getElementById("all-errors");
const press = (button, pressed) => button.setAttribute("aria-pressed", pressed);
const isPressed = button => button.getAttribute("aria-pressed") === "true";
const showError = (figure, shown) => {
  figure.classList.toggle("shows-error", shown);
  press(figure.querySelector(".toggle"), shown);
};
for (const figure of figures) {
  const slider = figure.querySelector("input"), button = figure.querySelector(".toggle");
  const move = () => {
    figure.style.setProperty("--at", `${slider.value}%`);
    slider.setAttribute("aria-valuetext", `${slider.value} % input`);
  };
  slider.oninput = move;
  move();
  addEventListener("pageshow", move); // a browser may have kept the place over a reload
  button.onclick = () => {
    showError(figure, !isPressed(button));
    press(allErrors, figures.every(other => other.classList.contains("shows-error")));
  };
}
if (allErrors) allErrors.onclick = () => {
  const shown = !isPressed(allErrors);
  figures.forEach(figure => showError(figure, shown));
  press(allErrors, shown);
};
// tables
for (const button of document.querySelectorAll("th button")) {
  button.onclick = () => {
    const head = button.parentElement, column = head.cellIndex, body = head.closest("table").tBodies[0];
    const down = head.getAttribute("aria-sort") === "ascending";
    head.parentElement.querySelectorAll("th").forEach(other => other.removeAttribute("aria-sort"));
    head.setAttribute("aria-sort", down ? "descending" : "ascending");
    const isNumber = head.dataset.kind === "number", value = row => row.cells[column].dataset.value;
    const compare = (a, b) => isNumber ? value(a) - value(b) : value(a).localeCompare(value(b), "en", { numeric: true });
    body.append(...[...body.rows].sort((a, b) => down ? compare(b, a) : compare(a, b)));
  };
}
