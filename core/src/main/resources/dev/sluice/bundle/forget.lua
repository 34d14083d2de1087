-- Drops all that a person said. Atomic because half of it would be no bundle.
-- KEYS  as in bundles.lua
-- ARGV  1 to 4 as there, 5 "<chat>:<user>"
-- Returns {1 if there was anything, else 0}
local who = ARGV[5]
local there = redis.call('EXISTS', key_of('state', who))
forget(who)
return { there }
