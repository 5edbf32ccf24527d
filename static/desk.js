/* A form within a row that was refused comes back with its reasons: show it. Everything works without it. */
(function () {
  "use strict";

  function typed(form) {
    return Array.prototype.some.call(form.querySelectorAll("textarea, select"), function (field) {
      if (field.tagName === "TEXTAREA") return field.value !== field.defaultValue;
      return Array.prototype.some.call(field.options, function (option) { return option.selected !== option.defaultSelected; });
    });
  }

  function open() {
    return Array.prototype.filter.call(document.querySelectorAll("form.in-place"), typed);
  }

  document.addEventListener("htmx:beforeSwap", function (event) {
    var status = event.detail.xhr.status;
    if (status === 422 || status === 409) {
      event.detail.shouldSwap = true;
      event.detail.isError = false;
    }
  });
  /* Signed out meanwhile: the text stays, and what to do is said. */
  document.addEventListener("htmx:responseError", function (event) {
    var form = event.detail.elt;
    var status = event.detail.xhr.status;
    if ((status !== 401 && status !== 403) || !form.matches("form.in-place")) return;
    var line = form.querySelector(".signed-out") || form.insertBefore(document.createElement("p"), form.querySelector(".buttons"));
    line.className = "error signed-out";
    line.setAttribute("role", "alert");
    line.textContent = form.getAttribute("data-signed-out");
  });
  document.addEventListener("htmx:confirm", function (event) {
    var link = event.target.closest("form.in-place a[hx-get]");
    if (!link || !typed(link.closest("form"))) return;
    event.preventDefault();
    if (window.confirm(link.getAttribute("data-discard"))) event.detail.issueRequest(true);
  });
  document.addEventListener("htmx:afterSwap", function (event) {
    var row = document.getElementById(event.detail.elt.id) || event.detail.elt;
    var first = row.querySelector("textarea");
    if (first) first.focus();
  });
  /* What was written is kept, and the full page goes on with it. */
  var leaving = false;
  document.addEventListener("htmx:beforeOnLoad", function (event) {
    leaving = Boolean(event.detail.xhr.getResponseHeader("HX-Redirect"));
  });
  window.addEventListener("pageshow", function () { leaving = false; });
  window.addEventListener("beforeunload", function (event) {
    if (leaving || !open().length) return;
    event.preventDefault();
    event.returnValue = "";
  });

  /* What can be done with several comes up once one is ticked. */
  var bar = document.getElementById("officers");
  function count() {
    var ticked = document.querySelectorAll('input[form="officers"]:checked').length;
    var told = bar.querySelector("[data-ticked]");
    bar.hidden = !ticked;
    told.textContent = told.getAttribute("data-ticked") + " " + ticked;
  }
  if (bar) {
    document.addEventListener("change", count);
    document.addEventListener("htmx:afterSwap", count);
    window.addEventListener("pageshow", count);
    count();
  }
})();
