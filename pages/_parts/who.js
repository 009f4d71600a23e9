// Keeps the curator's name in a cookie: every tab of this browser sends it along when it opens.
const COOKIE = "shelfwise_name";
const YEAR_S = 31536000;
let nKept = 0;

function kept() {
  const part = document.cookie.split("; ").find((one) => one.startsWith(`${COOKIE}=`));
  try {
    return part ? decodeURIComponent(part.slice(COOKIE.length + 1)) : "";
  } catch {
    return "";
  }
}

function keep(name) {
  const secure = location.protocol === "https:" ? "; Secure" : "";
  document.cookie = `${COOKIE}=${encodeURIComponent(name)}; path=/; max-age=${name ? YEAR_S : 0}; SameSite=Lax${secure}`;
}

export default function ({ data, setTriggerValue }) {
  if (data.n_typed > nKept) {
    keep(data.name);
    nKept = data.n_typed;
  }
  const compare = () => {
    if (document.visibilityState === "visible" && kept() !== data.name) setTriggerValue("found", kept());
  };
  // A name given in another tab reaches this one when somebody looks at it again.
  document.addEventListener("visibilitychange", compare);
  return () => document.removeEventListener("visibilitychange", compare);
}
