-- Says what a named limit is from now on. Reads first, so that the bound on their number holds whoever defines at the same time.
-- KEYS  1 all definitions
-- ARGV  1 name, 2 definition, 3 how many there may be, 4 "absent" if only where there is none of that name
-- Returns {0}: there is no room for another; else {1, the definition that holds}. The hash has no TTL: it goes with its last limit.
local before = redis.call('HGET', KEYS[1], ARGV[1])
if before and ARGV[4] == 'absent' then
  return { 1, before }
end
if not before and redis.call('HLEN', KEYS[1]) >= tonumber(ARGV[3]) then
  return { 0 }
end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
return { 1, ARGV[2] }
