-- Reads a fenced value. KEYS: 1 the value. Returns {"<fence> <bytes>"}, or nothing.
local text = redis.call('GET', KEYS[1])
return text and { text } or {}
