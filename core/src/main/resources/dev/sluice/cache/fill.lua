-- Keeps a loaded value and ends the lease, if it is still the caller's: otherwise the value was written or forgotten since, or its lease
-- passed on, and what the caller brings may be older than what is there.
-- KEYS  1 the value, 2 the lease
-- ARGV  1 fence, 2 how long it holds, 3 how long it is kept, 4 how long it took, in microseconds; '' if as long as the lease was held,
--       5 v or n; x if it is not to be kept, 6 the bytes, 7 a channel, 8 what those who wait are told there, 9 the lease's length
-- Returns {1} if it was the caller's, else {0}
local owner, ends, waited = lease_of(redis.call('GET', lease))
if owner ~= ARGV[1] then
  return { 0 }
end
redis.call('DEL', lease)
if ARGV[5] == 'x' then
  redis.call('DEL', entry)
else
  local took = tonumber(ARGV[4]) or math.max(0, tonumber(ARGV[9]) - (ends - now))
  keep_entry(tonumber(ARGV[2]), tonumber(ARGV[3]), took, ARGV[5], ARGV[6])
end
if waited == '1' then
  redis.call('PUBLISH', ARGV[7], ARGV[8])
end
return { 1 }
