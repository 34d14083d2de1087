-- Writes or removes one bot's record, or its limits, unless somebody else changed them.
-- KEYS  1 registered: hash, bot id -> "<revision> <record>", and "revision" -> the last one given; 2 limits: hash, bot id ->
--       "<revision> <limits>"
-- ARGV  1 which of the two is written, 2 bot id, 3 the revision that the change was made from, 0 for nothing there, 4 what is written,
--       or '' to remove it, 5 of how many bots it may be
-- Returns {word}: done, changed or full
-- Atomic because of two changes made from one revision only one may be written, and because a bot's limits go with it.
-- Revisions are times, so that they ascend even past a loss of everything. Deletes before it adds. Without a TTL: bots stay
-- until somebody removes them, and limits until somebody removes them or their bot.
local registered, limits = KEYS[1], KEYS[2]
local written, bot, seen, record, most = KEYS[tonumber(ARGV[1])], ARGV[2], ARGV[3], ARGV[4], tonumber(ARGV[5])

local kept = redis.call('HGET', written, bot)
local revision = kept and string.match(kept, '^%d+') or '0'
if revision ~= seen then return {'changed'} end
-- Beside the bots the revision is a field.
if not kept and record ~= '' and redis.call('HLEN', written) - (written == registered and 1 or 0) >= most then return {'full'} end

local last = tonumber(redis.call('HGET', registered, 'revision') or '0')
local new = string.format('%.0f', math.max(last + 1, now))
if record == '' then
  redis.call('HDEL', written, bot)
  redis.call('HDEL', limits, bot)
else
  redis.call('HSET', written, bot, new .. ' ' .. record)
end
redis.call('HSET', registered, 'revision', new)
return {'done'}
