-- Renews a claim's lease.
-- KEYS  record
-- ARGV  fence, lease (microseconds from now)
-- Returns 1, or 0 if the fence is no longer the holder's.
-- Atomic because a holder that lost its lease must not take it back from its successor.
local key = KEYS[1]
local fence, lease = tonumber(ARGV[1]), tonumber(ARGV[2])

return {claim_renew(key, redis.call('GET', key), fence, lease, now)}
