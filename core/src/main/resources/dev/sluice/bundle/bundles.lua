-- Library: what one person said to a bot and nobody has handled yet. All of a bot shares a slot.
-- KEYS  1 who has something: sorted set, "<chat>:<user>" -> when to look, microseconds
-- ARGV  1 for how long what nobody handles is kept, 2 for how long it is remembered what came once all is handled, both in milliseconds,
--       3 channel where bots are named who have something earlier than anything before, 4 the bot
local due = KEYS[1]
local kept, remembered, channel, bot = ARGV[1], ARGV[2], ARGV[3], ARGV[4]
local WHOLE = '%.0f'

-- Of each "<chat>:<user>" there are: state, a string of the numbers below; messages, a list of "<number> <arrival> <id> <size> <content>",
-- in the order in which they came; ids, a sorted set, id -> arrival.
local function key_of(kind, who)
  return (string.gsub(due, 'due$', kind .. ':' .. who))
end

local NAMES = { 'last', 'fence', 'settled', 'ready', 'lease', 'failures', 'first', 'closes', 'bytes', 'open', 'held' }

-- last: number of the last message; fence: of the last lease; settled: fence of the last that was handled; ready: when the first closed
-- bundle may be handed over; lease: its end, 0 for none; failures: of its handlers; first, closes, bytes, open: when the bundle began that
-- still collects, when it closes, its size, its messages; held: bytes of all messages; closed: messages and bytes of each closed bundle.
local function read(who)
  local text = redis.call('GET', key_of('state', who))
  if not text then
    return nil
  end
  local numbers = {}
  for word in string.gmatch(text, '%S+') do
    numbers[#numbers + 1] = tonumber(word)
  end
  if #numbers < #NAMES or (#numbers - #NAMES) % 2 ~= 0 then
    error('a bundle that nobody can read')
  end
  local state = { closed = {} }
  for i, name in ipairs(NAMES) do
    state[name] = numbers[i]
  end
  for i = #NAMES + 1, #numbers, 2 do
    state.closed[#state.closed + 1] = { count = numbers[i], bytes = numbers[i + 1] }
  end
  return state
end

local function nothing_yet()
  local state = { closed = {} }
  for _, name in ipairs(NAMES) do
    state[name] = 0
  end
  return state
end

-- How many messages nobody has handled.
local function count_of(state)
  local count = state.open
  for _, bundle in ipairs(state.closed) do
    count = count + bundle.count
  end
  return count
end

-- From now on the bundle takes no more; at: when it became so.
local function close(state, at)
  if state.open > 0 then
    if #state.closed == 0 then
      state.ready = at
    end
    state.closed[#state.closed + 1] = { count = state.open, bytes = state.bytes }
    state.open, state.bytes, state.first, state.closes = 0, 0, 0, 0
  end
end

-- When messages came decides what belongs together, not when somebody looks.
local function close_if_due(state)
  if state.open > 0 and state.closes <= now then
    close(state, state.closes)
  end
end

-- When somebody must look, or nothing.
local function look_at(state)
  if state.lease > 0 then
    return state.lease
  elseif #state.closed > 0 then
    return state.ready
  elseif state.open > 0 then
    return state.closes
  end
  return nil
end

local function earliest()
  local head = redis.call('ZRANGE', due, 0, 0, 'WITHSCORES')
  return head[2] and tonumber(head[2]) or nil
end

-- Writes the state down. What nobody has handled is kept for long, since it was accepted; what is handled only as long as repeats come.
local function write(who, state)
  local look = look_at(state)
  local life = look and kept or remembered
  -- Setting a TTL counts as a write, after which Redis lets a script go on although its memory is full.
  redis.call('PEXPIRE', key_of('ids', who), life)
  if look then
    redis.call('PEXPIRE', key_of('messages', who), life)
  else
    redis.call('ZREM', due, who)
    redis.call('DEL', key_of('messages', who))
  end
  local words = {}
  for i, name in ipairs(NAMES) do
    words[i] = string.format(WHOLE, state[name])
  end
  for _, bundle in ipairs(state.closed) do
    words[#words + 1] = string.format(WHOLE, bundle.count)
    words[#words + 1] = string.format(WHOLE, bundle.bytes)
  end
  redis.call('SET', key_of('state', who), table.concat(words, ' '), 'PX', life)
  if look then
    local before = earliest()
    redis.call('ZADD', due, string.format(WHOLE, look), who)
    redis.call('PEXPIRE', due, kept)
    if not before or look < before then
      -- A user who may not publish does without: who waits looks now and then.
      redis.pcall('PUBLISH', channel, bot)
    end
  end
end

local function forget(who)
  redis.call('ZREM', due, who)
  redis.call('DEL', key_of('state', who), key_of('messages', who), key_of('ids', who))
end

-- Whether somebody has the first closed bundle under this fence.
local function is_leased(state, fence)
  return state and state.lease > 0 and state.fence == fence
end

-- The first closed bundle is over: it was handled, or is given up.
local function drop_first(who, state)
  local bundle = table.remove(state.closed, 1)
  redis.call('LTRIM', key_of('messages', who), bundle.count, -1)
  state.held = state.held - bundle.bytes
  state.settled, state.lease, state.failures, state.ready = state.fence, 0, 0, now
end
