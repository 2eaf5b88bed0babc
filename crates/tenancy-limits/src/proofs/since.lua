-- Remembers from now on, unless it does already. KEYS[1] since when.
return since(KEYS[1])
