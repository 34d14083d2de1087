-- Ends the caller's lease without anything loaded, so that the next one may. As atomic as the look at whose it is; works when memory is full.
-- KEYS, ARGV  as in history.lua; ARGV 5 fence. Returns {1} if it was the caller's, else {0}.
if fence ~= ARGV[5] then
  return { 0 }
end
redis.call('HDEL', key, 'f', 'x')
return { 1 }
