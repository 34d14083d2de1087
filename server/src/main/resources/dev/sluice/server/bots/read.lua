-- All registered bots and all limits that were set, if anything changed since they were read last.
-- KEYS  1 registered: hash, bot id -> "<revision> <record>", and "revision" -> the last one given; 2 limits: hash, bot id ->
--       "<revision> <limits>"
-- ARGV  1 the revision read last, -1 for none
-- Returns {revision}, followed unless it is the one read last by the number of bots, {revision, record} of every bot, and {bot id,
-- revision, limits} of every bot that has any
-- Atomic because records of different times would not belong together.
local registered, limits = KEYS[1], KEYS[2]
local seen = ARGV[1]

local revision = redis.call('HGET', registered, 'revision') or '0'
local reply = {revision}
if revision ~= seen then
  reply[2] = 0
  local all = redis.call('HGETALL', registered)
  for i = 1, #all, 2 do
    if all[i] ~= 'revision' then
      local of_bot, record = string.match(all[i + 1], '^(%d+) (.*)$')
      reply[#reply + 1] = of_bot or '0'
      reply[#reply + 1] = record or ''
      reply[2] = reply[2] + 1
    end
  end
  all = redis.call('HGETALL', limits)
  for i = 1, #all, 2 do
    local of_bot, set = string.match(all[i + 1], '^(%d+) (.*)$')
    reply[#reply + 1] = all[i]
    reply[#reply + 1] = of_bot or '0'
    reply[#reply + 1] = set or ''
  end
end
return reply
