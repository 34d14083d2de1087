-- Remembers that a bot has a queue, and when that was last said. KEYS: when bots last said so. ARGV: the bot. Returns 1 if another program had
-- written there, which is gone then, else 0.
-- No TTL: an entry is removed by forget.lua.
local mended = redis.call('TYPE', KEYS[1]).ok
mended = mended ~= 'zset' and mended ~= 'none' and redis.call('DEL', KEYS[1]) or 0
if redis.call('ZSCORE', KEYS[1], ARGV[1]) then
  -- Begins by deleting nothing, so that what goes on when memory is full does so too for a bot that is there; a new one is refused.
  redis.call('ZREM', KEYS[1], '')
end
redis.call('ZADD', KEYS[1], string.format('%.0f', now), ARGV[1])
return { mended }
