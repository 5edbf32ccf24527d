/* Keeps the draft of a report on the server while it is typed. Without it the button 保存草稿 does the same. */
(function () {
  "use strict";
  var form = document.getElementById("report-form");
  if (!form || !window.fetch || !window.URLSearchParams) return;
  var state = document.getElementById("draft-state");
  var conflict = document.getElementById("conflict");
  var agency = document.getElementById("as-agency");
  var PAUSE = 1500, RETRY = 5000;
  var typed = 0, kept = 0; /* how often something was typed, and how much of that the server has */
  var timer = null, sending = false, leaving = false;
  var pressed = null; /* the button that waits until the draft on its way is kept */
  var stopped = conflict.children.length > 0;

  function say(key) { state.textContent = state.getAttribute("data-" + key); }
  function unsaved() { return typed !== kept; }
  function later(wait) {
    window.clearTimeout(timer);
    timer = window.setTimeout(save, wait);
  }

  function save() {
    window.clearTimeout(timer);
    if (sending || stopped || leaving || !unsaved()) return;
    sending = true;
    var upTo = typed;
    fetch(form.getAttribute("data-draft"), {
      method: "POST",
      body: new URLSearchParams(new FormData(form)),
      headers: { "HX-Request": "true" },
      credentials: "same-origin",
      redirect: "manual"
    }).then(function (response) {
      return response.text().then(function (text) { answered(response, text, upTo); });
    }).catch(function () { failed("retry", true); });
  }

  function answered(response, text, upTo) {
    sending = false;
    if (response.ok) {
      saved(text, upTo);
      return goOn();
    }
    if (response.status !== 409) goOn();
    pressed = null;
    if (response.status === 409) return differs(text);
    if (response.status === 422) {
      state.innerHTML = text;
      if (typed !== upTo) later(PAUSE);
      return;
    }
    if (response.status === 401 || response.status === 403) return failed("lost", false);
    failed("retry", true);
  }

  function saved(text, upTo) {
    state.innerHTML = text;
    kept = upTo;
    form.elements.draft_seen.value = state.querySelector("[data-version]").getAttribute("data-version");
    document.getElementById("discard-draft").hidden = false;
    if (unsaved()) later(PAUSE);
  }

  /* Both versions are shown; whoever sends or saves from here on has seen them. */
  function differs(text) {
    stopped = true;
    conflict.innerHTML = text;
    var shown = conflict.firstElementChild;
    form.elements.form_key.value = shown.getAttribute("data-form-key");
    form.elements.last_seen.value = shown.getAttribute("data-last-seen");
    form.elements.draft_seen.value = shown.getAttribute("data-draft-seen");
    say("conflict");
    shown.scrollIntoView({ block: "start" });
  }

  function failed(key, again) {
    sending = false;
    say(key);
    if (again) later(RETRY);
    goOn();
  }

  function goOn() {
    var button = pressed;
    pressed = null;
    if (button) form.requestSubmit(button);
  }

  function changed() {
    typed += 1;
    if (stopped) return;
    if (!sending) say("typing");
    later(PAUSE);
  }

  form.addEventListener("input", changed);
  form.addEventListener("focusout", save);
  form.addEventListener("submit", function (event) {
    /* The draft on its way makes a new version: sent beside it, the form would be refused as another person's. */
    if (sending && event.submitter) {
      event.preventDefault();
      pressed = event.submitter;
      return;
    }
    leaving = true;
    window.clearTimeout(timer);
  });
  conflict.addEventListener("click", function (event) {
    if (event.target.tagName === "A") leaving = true;
  });
  window.addEventListener("online", save);
  document.addEventListener("visibilitychange", function () { if (document.hidden) save(); });
  window.addEventListener("pagehide", function () {
    if (!leaving && !stopped && unsaved() && navigator.sendBeacon) {
      navigator.sendBeacon(form.getAttribute("data-draft"), new FormData(form));
    }
  });
  /* The page as it was left, perhaps after sending: what is in it now is compared with what the server has. */
  window.addEventListener("pageshow", function (event) {
    if (!event.persisted) return;
    leaving = false;
    if (unsaved()) save();
  });
  window.addEventListener("beforeunload", function (event) {
    if (leaving || !unsaved()) return;
    event.preventDefault();
    event.returnValue = "";
  });
  if (agency) {
    agency.addEventListener("change", function () { agency.form.submit(); });
  }
})();
