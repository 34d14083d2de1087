-- Forgets what a user has of a budget.
-- KEYS: 1 the user's budget. Returns {1} if there was anything that still counted, else {0}.
-- Reads and deletes, so that it works when memory is full; atomic, since what is counted in between would be denied.
local raw = redis.call('GET', KEYS[1])
if not raw then
  return { 0 }
end
redis.call('DEL', KEYS[1])
return { (tonumber(string.match(raw, '%d+$')) or 0) > now and 1 or 0 }
