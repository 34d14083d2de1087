-- Forgets a value and ends whatever lease there is, and tells all replicas, in one step: a loader that began before finds its fence gone.
-- KEYS: 1 the value, 2 the lease. ARGV: 1 a channel, 2 what is told there. Returns {1} if there was a value, else {0}.
-- Deletes only, so that it works when memory is full.
local there = redis.call('DEL', entry)
redis.call('DEL', lease)
redis.call('PUBLISH', ARGV[1], ARGV[2])
return { there }
