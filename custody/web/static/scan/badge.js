// On the page of the sign-in, a scanned badge goes into the login field, whatever has the focus. The password is
// typed next: without looking, so it must not be the login field that it lands in.

function told({ detail }) {
  const login = document.querySelector("[data-badge]");
  if (!login) return;
  login.value = detail.text;
  login.dispatchEvent(new Event("input", { bubbles: true }));
  document.getElementById(login.dataset.badge).focus();
}

export function start() {
  document.addEventListener("custody:scan", told);
}
