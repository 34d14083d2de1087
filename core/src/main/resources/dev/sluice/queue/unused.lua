-- Lists bots that said long ago that they have a queue, the longest ago first.
-- KEYS  when bots last said so
-- ARGV  how long ago, microseconds; how many at most
-- Returns them
local until_then = string.format('%.0f', now - tonumber(ARGV[1]))
return redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', '(' .. until_then, 'LIMIT', 0, ARGV[2])
