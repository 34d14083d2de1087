-- Drops all that a person said, also what is set aside. Atomic because half of it would be no bundle.
-- KEYS  as in bundles.lua
-- ARGV  1 to 4 as there, 5 "<chat>:<user>"
-- Returns {1 if there was anything, else 0}
local who = ARGV[5]
local there = redis.call('EXISTS', key_of('state', who)) > 0
forget(who)
each_aside(function(name)
  there = drop_aside(name) or there
end, who)
if redis.pcall('GET', alone) == who then
  redis.call('DEL', alone)
end
return { there and 1 or 0 }
