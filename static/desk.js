/* A form within a row that was refused comes back with its reasons: show it. Everything works without it. */
(function () {
  "use strict";
  document.addEventListener("htmx:beforeSwap", function (event) {
    var status = event.detail.xhr.status;
    if (status === 422 || status === 409) {
      event.detail.shouldSwap = true;
      event.detail.isError = false;
    }
  });
  document.addEventListener("htmx:afterSwap", function (event) {
    var row = document.getElementById(event.detail.elt.id) || event.detail.elt;
    var first = row.querySelector("textarea");
    if (first) first.focus();
  });
})();
