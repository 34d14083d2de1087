-- Says what holds a message. Changes nothing.
-- KEYS  what the queue's names start with; what its limits' start with; the bot's bucket; the paid lane's
-- ARGV  the message's number; the limits
-- Returns nothing if there is no such message; else its state, how many of its chat are ahead, and then of the first of these
-- or else itself: what holds it, microseconds, and for a limit its scope and cause
-- A script because lanes, pauses and buckets belong to one moment.
local number = ARGV[1]
lanes_open(false)
questions_open(ARGV[2])
local m = message_find(number)
if not m then
  return {}
end

local function limited(first)
  local asked, scopes = question(first.flags, first.rank == 0, first.cost)
  local denial = bucket_decide_shadowed(call('MGET', unpack(question_keys(scopes, first.lane))), asked, now)
  if denial then
    return 'limited', denial.at - now, scopes[denial.limiting], denial.cause
  end
  return 'nothing', 0, '', ''
end

local function hold(first)
  local name = RANKS[first.rank]
  if first.state == LEASED then
    return 'in-flight', first.ends - now, '', ''
  end
  local paused = call('HMGET', STATE, 'paused', 'paused:' .. name)
  if paused[1] then
    return 'paused-bot', 0, '', ''
  elseif call('ZSCORE', PAUSED, first.lane) then
    return 'paused-chat', 0, first.lane, ''
  elseif paused[2] and first.rank > 0 then
    return 'paused-priority', 0, name, ''
  elseif first.state == RETRYING and first.ends > now then
    return 'backoff', first.ends - now, '', ''
  end
  return limited(first)
end

local ahead, word, micros, scope, cause = 0, 'ended', 0, '', ''
if m.state == DELAYED then
  word, micros = 'not-before', m.ends - now
elseif m.state ~= UNKNOWN and m.state ~= DEAD and m.state ~= SENT and m.state ~= FAILED then
  ahead = call('ZRANK', LANE .. m.lane, number) or 0
  local first = ahead == 0 and m or message_find(call('ZRANGE', LANE .. m.lane, 0, 0)[1]) or m
  word, micros, scope, cause = hold(first)
end
return { m.state, ahead, word, string.format('%.0f', max(0, micros)), scope, cause }
