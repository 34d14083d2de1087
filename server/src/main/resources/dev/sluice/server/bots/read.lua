-- All registered bots, if anything changed since they were read last.
-- KEYS  1 registered: hash, bot id -> "<revision> <record>", and "revision" -> the last one given
-- ARGV  1 the revision read last, -1 for none
-- Returns {revision}, followed unless it is the one read last by {revision, record} of every bot
-- Atomic because records of different times would not belong together.
local registered = KEYS[1]
local seen = ARGV[1]

local revision = redis.call('HGET', registered, 'revision') or '0'
local reply = {revision}
if revision ~= seen then
  local all = redis.call('HGETALL', registered)
  for i = 1, #all, 2 do
    if all[i] ~= 'revision' then
      local of_bot, record = string.match(all[i + 1], '^(%d+) (.*)$')
      reply[#reply + 1] = of_bot or '0'
      reply[#reply + 1] = record or ''
    end
  end
end
return reply
