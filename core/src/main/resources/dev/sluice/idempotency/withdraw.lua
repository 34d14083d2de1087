-- Takes back a claim whose reply was lost.
-- KEYS  record
-- ARGV  holder (8 bytes)
-- Returns 1, or 0 if this holder has no claim.
-- Atomic because a claim that has passed to someone else must stay.
return {claim_withdraw(KEYS[1], redis.call('GET', KEYS[1]), ARGV[1], now)}
