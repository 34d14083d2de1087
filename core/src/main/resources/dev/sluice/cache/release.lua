-- Ends the caller's lease without a value, and tells those who wait, of whom the next one then loads.
-- KEYS: 1 the value, 2 the lease. ARGV: 1 fence, 2 a channel, 3 what is told there. Returns {1} if it was the caller's, else {0}.
-- Reads and deletes, so that it works when memory is full.
local owner, _, waited = lease_of(redis.call('GET', lease))
if owner ~= ARGV[1] then
  return { 0 }
end
redis.call('DEL', lease)
if waited == '1' then
  redis.call('PUBLISH', ARGV[2], ARGV[3])
end
return { 1 }
