-- Makes the caller's lease last on. KEYS: 1 the value, 2 the lease. ARGV: 1 fence, 2 length in microseconds.
-- Returns {1} if it is still the caller's, else {0}: as atomic as the look at whose it is.
local owner, _, waited = lease_of(redis.call('GET', lease))
if owner ~= ARGV[1] then
  return { 0 }
end
keep_lease(owner, now + tonumber(ARGV[2]), waited)
return { 1 }
