-- Writes or removes one bot's record, unless somebody else changed it.
-- KEYS  1 registered: hash, bot id -> "<revision> <record>", and "revision" -> the last one given
-- ARGV  1 bot id, 2 the revision that the change was made from, 0 for no record, 3 the record, or '' to remove it,
--       4 how many bots there may be
-- Returns {word}: done, changed or full
-- Atomic because of two changes made from one revision only one may be written.
-- Revisions are times, so that they ascend even past a loss of everything. Deletes before it adds. Without a TTL: bots stay
-- until somebody removes them.
local registered = KEYS[1]
local bot, seen, record, most = ARGV[1], ARGV[2], ARGV[3], tonumber(ARGV[4])

local kept = redis.call('HGET', registered, bot)
local revision = kept and string.match(kept, '^%d+') or '0'
if revision ~= seen then return {'changed'} end
if not kept and redis.call('HLEN', registered) > most then return {'full'} end

local last = tonumber(redis.call('HGET', registered, 'revision') or '0')
local new = string.format('%.0f', math.max(last + 1, now))
if record == '' then
  redis.call('HDEL', registered, bot)
else
  redis.call('HSET', registered, bot, new .. ' ' .. record)
end
redis.call('HSET', registered, 'revision', new)
return {'done'}
