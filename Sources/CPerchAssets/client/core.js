"use strict";
// What every page does beyond links and forms. Pages work without it. The other files add to
// `perch`, and hear of new content by `perch.onContent`.
const perch = (() => {
  const two = (number) => String(number).padStart(2, "0");
  const day = (date) =>
    date.getFullYear() + "-" + two(date.getMonth() + 1) + "-" + two(date.getDate());
  const clock = (date) => two(date.getHours()) + ":" + two(date.getMinutes());
  const seconds = (date) => clock(date) + ":" + two(date.getSeconds());
  const millis = (date) => seconds(date) + "." + String(date.getMilliseconds()).padStart(3, "0");

  // A clock's time with its day where that is not today's, and the year where it is another.
  function dated(date, text) {
    const now = new Date();
    return day(date) === day(now) ? text
      : day(date).slice(date.getFullYear() === now.getFullYear() ? 5 : 0) + " " + text;
  }

  function ago(date) {
    const passed = (Date.now() - date.getTime()) / 1000;
    if (passed < 0) return null;
    if (passed < 60) return Math.floor(passed) + " s ago";
    if (passed < 3600) return Math.floor(passed / 60) + " min ago";
    if (passed < 86400) return Math.floor(passed / 3600) + " h ago";
    return Math.floor(passed / 86400) + " d ago";
  }

  // Times come in UTC and are shown in the reader's zone; the title keeps UTC.
  function localize(root) {
    for (const element of root.querySelectorAll("time[datetime]")) {
      const date = new Date(element.dateTime);
      if (Number.isNaN(date.getTime())) continue;
      const today = day(date) === day(new Date());
      switch (element.dataset.style) {
        case "ago": element.textContent = ago(date) ?? element.textContent; break;
        case "axis":
          element.textContent = today ? clock(date) : day(date).slice(5) + " " + clock(date);
          break;
        case "minute": element.textContent = day(date) + " " + clock(date); break;
        case "millis": element.textContent = dated(date, millis(date)); break;
        case "clock": element.textContent = millis(date); break;
        default: element.textContent = dated(date, seconds(date));
      }
    }
    for (const field of root.querySelectorAll("input[data-instant]")) {
      if (field.dataset.local) continue;
      field.dataset.local = "yes";
      const date = new Date(field.value + "Z");
      if (Number.isNaN(date.getTime())) continue;
      field.value = day(date) + "T" + seconds(date);
      const zone = field.parentElement.querySelector(".zone");
      if (zone) zone.textContent = "(your time)";
    }
  }
  setInterval(() => {
    for (const element of document.querySelectorAll('time[data-style="ago"]')) {
      const words = ago(new Date(element.dateTime));
      if (words) element.textContent = words;
    }
  }, 10_000);

  // Fields of a time hold the reader's own time; the address holds milliseconds.
  document.addEventListener("submit", (event) => {
    for (const field of event.target.elements) {
      if (!("instant" in field.dataset) || !field.dataset.local) continue;
      const date = new Date(field.value);
      if (Number.isNaN(date.getTime())) continue;
      const hidden = document.createElement("input");
      hidden.type = "hidden";
      hidden.name = field.name;
      hidden.value = String(date.getTime());
      field.removeAttribute("name");
      event.target.append(hidden);
    }
  });

  document.addEventListener("submit", (event) => {
    const question = event.submitter && event.submitter.dataset.confirm;
    if (question && !window.confirm(question)) event.preventDefault();
  });

  document.addEventListener("change", (event) => {
    const form = event.target.closest("form[data-submit-on-change]");
    if (form) form.requestSubmit();
  });

  // A few words that go away by themselves.
  function toast(words, isBad) {
    let place = document.querySelector(".toasts");
    if (!place) {
      place = document.createElement("div");
      place.className = "toasts";
      place.setAttribute("role", "status");
      document.body.append(place);
    }
    const element = document.createElement("div");
    element.className = isBad ? "toast bad" : "toast";
    element.textContent = words;
    place.append(element);
    setTimeout(() => element.remove(), 5000);
  }

  // `data-copy` copies its value, or the code beside it.
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-copy]");
    if (!button) return;
    const text = button.dataset.copy || button.parentElement.querySelector("code").textContent;
    navigator.clipboard.writeText(text).then(
      () => toast("Copied"), () => toast("The browser refused to copy", true));
  });

  // `data-opens` opens the dialog of that id, `data-closes` the one around it.
  document.addEventListener("click", (event) => {
    const opener = event.target.closest("[data-opens]");
    if (opener) {
      const dialog = document.getElementById(opener.dataset.opens);
      if (dialog && !dialog.open) {
        event.preventDefault();
        dialog.showModal();
      }
      return;
    }
    const closer = event.target.closest("[data-closes]");
    const dialog = closer ? closer.closest("dialog") : event.target;
    // A click on the dialog itself is one beside its content.
    if (dialog instanceof HTMLDialogElement && (closer || event.target === dialog)) {
      const box = dialog.getBoundingClientRect();
      const inside = event.clientX >= box.left && event.clientX <= box.right
        && event.clientY >= box.top && event.clientY <= box.bottom;
      if (closer || !inside) dialog.close();
    }
  });

  // Menus close by Escape and by a click elsewhere.
  document.addEventListener("click", (event) => {
    for (const menu of document.querySelectorAll("details.menu[open], details.custom-range[open]")) {
      if (!menu.contains(event.target)) menu.open = false;
    }
  });

  document.addEventListener("keydown", (event) => {
    const typing = event.target.closest("input, select, textarea, [contenteditable]");
    if (event.key === "Escape") {
      for (const menu of document.querySelectorAll("details.menu[open], details.custom-range[open]")) {
        menu.open = false;
        menu.querySelector("summary").focus();
      }
      if (typing && !event.defaultPrevented) typing.blur();
    }
    if (event.key !== "/" || typing || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    const search = document.getElementById("search");
    if (search) {
      search.focus();
      search.select();
    } else if (perch.openPalette) {
      perch.openPalette();
    }
  });

  // The reader's choice of light or dark is a cookie, so that the next page begins with it.
  const cookieEnd = "; SameSite=Lax" + (location.protocol === "https:" ? "; Secure" : "");
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-theme-choice]");
    if (!button) return;
    const choice = button.dataset.themeChoice;
    if (choice === "system") {
      document.documentElement.removeAttribute("data-theme");
      document.cookie = "perch_theme=; Path=/; Max-Age=0" + cookieEnd;
    } else {
      document.documentElement.dataset.theme = choice;
      document.cookie = "perch_theme=" + choice + "; Path=/; Max-Age=31536000" + cookieEnd;
    }
    document.dispatchEvent(new Event("perch:theme"));
  });

  // Refreshing would close what the reader has opened or take the focus away.
  document.addEventListener("htmx:beforeRequest", (event) => {
    const element = event.detail.elt;
    if (element.id !== "results" || event.detail.requestConfig.triggeringEvent) return;
    const busy = element.querySelector("details[open]") || document.hidden
      || element.contains(document.activeElement) || String(document.getSelection()) !== ""
      || document.querySelector("dialog[open]") || element.dataset.busy;
    if (busy) event.preventDefault();
  });

  const listeners = [];
  function refresh() {
    localize(document);
    for (const listener of listeners) listener(document);
  }
  document.addEventListener("htmx:afterSettle", refresh);
  document.addEventListener("DOMContentLoaded", refresh);

  // The address of this page with other parameters; null removes one.
  function address(changes) {
    const url = new URL(location.href);
    for (const [name, value] of Object.entries(changes)) {
      if (value === null) url.searchParams.delete(name);
      else url.searchParams.set(name, value);
    }
    return url.pathname + url.search;
  }

  return {
    toast, address, day, clock, seconds, dated, refresh,
    // Calls `listener` now and whenever parts of the page were replaced; it sees parts again.
    onContent(listener) {
      listeners.push(listener);
      if (document.readyState !== "loading") listener(document);
    },
    // Shows a range of time on this page.
    showRange(fromSeconds, toSeconds) {
      const from = Math.floor(fromSeconds * 1000);
      location.assign(address({
        range: null, before: null, from: String(from),
        to: String(Math.max(from + 1000, Math.ceil(toSeconds * 1000))),
      }));
    },
  };
})();
