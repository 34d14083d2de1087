-- Forgets a bot that has an empty queue, or lets it be looked at again as long from now.
-- KEYS  when bots last said that they have a queue
-- ARGV  the bot; how long ago that must be, microseconds; 1 if its queue was found empty, else 0
-- Returns 1 if it is forgotten
-- Atomic because a bot that said it just now must stay, whatever was found before: it is about to enqueue.
local said = redis.call('ZSCORE', KEYS[1], ARGV[1])
if not said or tonumber(said) + tonumber(ARGV[2]) >= now then
  return { 0 }
elseif ARGV[3] == '1' then
  return { redis.call('ZREM', KEYS[1], ARGV[1]) }
end
redis.call('ZADD', KEYS[1], string.format('%.0f', now), ARGV[1])
return { 0 }
