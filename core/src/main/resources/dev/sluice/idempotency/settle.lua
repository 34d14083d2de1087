-- Ends a claim.
-- KEYS  record
-- ARGV  fence, action (C F H U R), result (bytes), keep (microseconds)
-- Returns 1, or 0 if the fence is no longer the holder's.
-- Atomic because a holder that lost its lease must not overwrite its successor.
local key = KEYS[1]
local fence, action, result, keep = tonumber(ARGV[1]), ARGV[2], ARGV[3], tonumber(ARGV[4])

return {claim_settle(key, redis.call('GET', key), fence, action, result, keep, now)}
