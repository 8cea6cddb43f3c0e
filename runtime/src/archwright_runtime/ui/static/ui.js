// What makes the pages quicker to use; every one of them works without this file.
"use strict";

const root = document.documentElement;

// Times are shown in the reader's own zone; the exact UTC time stays in the title.
const day = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", year: "numeric" });
const clock = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", timeZoneName: "short" });
const unbroken = (text) => text.replaceAll(" ", "\u00a0");
for (const element of document.querySelectorAll("time[data-local]")) {
  const moment = new Date(element.dateTime);
  if (Number.isNaN(moment.getTime())) continue;
  element.title = element.textContent;
  element.textContent = `${unbroken(day.format(moment))}, ${unbroken(clock.format(moment))}`;
}

// The colour scheme changes at once; the server is told so that the next page comes in it.
for (const form of document.querySelectorAll("form[data-scheme]")) {
  form.addEventListener("submit", (event) => {
    const chosen = event.submitter?.value;
    if (!chosen) return;
    event.preventDefault();
    if (chosen === "auto") delete root.dataset.theme;
    else root.dataset.theme = chosen;
    for (const button of document.querySelectorAll("form[data-scheme] button")) {
      button.setAttribute("aria-pressed", String(button.value === chosen));
    }
    const body = new URLSearchParams(new FormData(form));
    body.set("scheme", chosen);
    fetch(form.action, { method: "POST", body, redirect: "manual", keepalive: true });
  });
}

// Menus close like menus.
const menus = [...document.querySelectorAll("details[data-menu]")];
document.addEventListener("click", (event) => {
  for (const menu of menus) if (menu.open && !menu.contains(event.target)) menu.open = false;
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const menu of menus) {
    if (!menu.open) continue;
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});

// What cannot be taken back is asked about here instead of on a page of its own.
function ask(question, label) {
  return new Promise((resolve) => {
    const dialog = document.createElement("dialog");
    const heading = Object.assign(document.createElement("h2"), { id: "ask-title", textContent: question });
    const buttons = Object.assign(document.createElement("form"), { method: "dialog", className: "buttons" });
    const cancel = Object.assign(document.createElement("button"), { value: "", className: "button", textContent: "Cancel" });
    const go = Object.assign(document.createElement("button"), { value: "yes", className: "button button-danger-solid", textContent: label });
    buttons.append(cancel, go);
    dialog.append(heading, buttons);
    dialog.setAttribute("aria-labelledby", "ask-title");
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(dialog.returnValue === "yes");
    });
    document.body.append(dialog);
    dialog.showModal();
  });
}

function hide(form, name, value) {
  const field = Object.assign(document.createElement("input"), { type: "hidden", name, value });
  form.append(field);
}

let leaving = false;
const started = new WeakSet();
document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (form.method !== "post" || form.hasAttribute("data-scheme")) return;
  const button = event.submitter;
  if (started.has(form)) {
    event.preventDefault();
    return;
  }
  if (button?.hasAttribute("data-ask")) {
    event.preventDefault();
    const label = button.firstChild.textContent.trim();
    const name = (button.querySelector(".visually-hidden") ?? document.querySelector("h1")).textContent.trim();
    if (!(await ask(`${label} “${name}”?`, label))) {
      button.focus();
      return;
    }
    hide(form, button.name, button.value);
    hide(form, "_confirmed", "yes");
    started.add(form);
    leaving = true;
    form.submit();
    return;
  }
  started.add(form);
  // Should the answer never come, sending again is possible.
  setTimeout(() => started.delete(form), 5000);
  leaving = true;
  if (button) button.setAttribute("aria-disabled", "true");
});
window.addEventListener("pageshow", (event) => {
  if (event.persisted) location.reload();
});

// What was typed is not lost by accident.
const guarded = [...document.querySelectorAll("form[data-guard]")].filter((form) => form.querySelector("textarea, input[type=text], input[type=date]"));
const touched = new Set();
for (const form of guarded) form.addEventListener("input", () => touched.add(form));
window.addEventListener("beforeunload", (event) => {
  if (!leaving && touched.size > 0) event.preventDefault();
});
