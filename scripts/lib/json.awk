# Flattens one JSON text into lines of path, tab, value: {"a":[{"b":"c"}]} gives a.0.b, tab, c. Any awk runs it.
BEGIN { RS = "\001" }
{ text = text $0 }
END { value("") }

function token(    found) {
  sub(/^[ \t\r\n]+/, "", text)
  if (match(text, /^"([^"\\]|\\.)*"/) || match(text, /^[-+0-9.eE]+/) || match(text, /^(true|false|null)/)) {
    found = substr(text, 1, RLENGTH)
    text = substr(text, RLENGTH + 1)
    return found
  }
  found = substr(text, 1, 1)
  text = substr(text, 2)
  return found
}

function plain(found) {
  if (found !~ /^"/) return found
  found = substr(found, 2, length(found) - 2)
  gsub(/\\"/, "\"", found)
  gsub(/\\\//, "/", found)
  gsub(/\\u0026/, "\\&", found)
  return found
}

function value(path,    found, name, count) {
  found = token()
  if (found == "{") {
    for (name = token(); name != "}" && name != ""; name = token()) {
      if (name == ",") name = token()
      token()
      value((path == "" ? "" : path ".") plain(name))
    }
  } else if (found == "[") {
    for (count = 0; text !~ /^[ \t\r\n]*\]/ && text != ""; count++) {
      if (text ~ /^[ \t\r\n]*,/) token()
      value((path == "" ? "" : path ".") count)
    }
    token()
  } else if (found != "null") {
    print path "\t" plain(found)
  }
}
