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

-- What is handed over no more: "<chat>:<user>:<number>" -> when it was set aside, and for each a list like messages, behind its
-- "<why> <lost> <failures>".
local aside = string.gsub(due, 'due$', 'aside')
local MOST_ASIDE = 1000

-- Whose bundle is out with its last lease: "<chat>:<user>".
local alone = string.gsub(due, 'due$', 'alone')

-- Numbers and times, microseconds, end where Lua cannot add one; what another program wrote ends earlier, so that nobody gets there.
local END_OF_NUMBERS, END_OF_READ = 9e15, 8e15

local NAMES = { 'last', 'fence', 'settled', 'ready', 'lease', 'failures', 'first', 'closes', 'bytes', 'open', 'held' }

-- last: number of the last message; fence: of the last lease; settled: fence of the last that was handled; ready: when the first closed
-- bundle may be handed over; lease: its end, 0 for none; failures: of its handlers; first, closes, bytes, open: when the bundle began that
-- still collects, when it closes, its size, its messages; held: bytes of all messages; closed: messages and bytes of each closed bundle;
-- lost: how many leases of the first closed bundle ran out; aside: until when something of theirs is kept that was set aside; both words of
-- their own that versions without them pass over. Fails if another program wrote there.
local function read(who)
  local text = redis.call('GET', key_of('state', who))
  if not text then
    return nil
  end
  local numbers, more = {}, { lost = 0, aside = 0 }
  for word in string.gmatch(text, '%S+') do
    local name, number = string.match(word, '^(%l+)=(%d+)$')
    if more[name] and tonumber(number) < (name == 'lost' and 1e9 or END_OF_READ) then
      more[name] = tonumber(number)
    elseif string.find(word, '^%d+$') and tonumber(word) < END_OF_READ then
      numbers[#numbers + 1] = tonumber(word)
    else
      error('a bundle that nobody can read')
    end
  end
  if #numbers < #NAMES or (#numbers - #NAMES) % 2 ~= 0 then
    error('a bundle that nobody can read')
  end
  local state = { closed = {}, lost = more.lost, aside = more.aside }
  for i, name in ipairs(NAMES) do
    state[name] = numbers[i]
  end
  for i = #NAMES + 1, #numbers, 2 do
    state.closed[#state.closed + 1] = { count = numbers[i], bytes = numbers[i + 1] }
  end
  if state.lease > 0 and #state.closed == 0 then
    error('a lease of no bundle')
  end
  return state
end

-- What cannot be read is nobody's: the next who looks for bundles, or adds to it, sets it aside.
local function read_or_nothing(who)
  local readable, state = pcall(read, who)
  return readable and state or nil
end

local function nothing_yet()
  local state = { closed = {}, lost = 0, aside = 0 }
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

-- Writes the state down. What nobody has handled is kept for long, since it was accepted, and so is what tells repeats of what is set aside; what
-- is handled only as long as repeats come.
local function write(who, state)
  local look = look_at(state)
  local rest = math.min(math.max((state.aside - now) / 1000, tonumber(remembered)), tonumber(kept))
  local life = look and kept or string.format(WHOLE, rest)
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
  if state.lost > 0 then
    words[#words + 1] = string.format('lost=%.0f', state.lost)
  end
  if state.aside > now then
    words[#words + 1] = string.format('aside=%.0f', state.aside)
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

-- The first closed bundle is no more.
local function remove_first(who, state)
  local bundle = table.remove(state.closed, 1)
  redis.call('LTRIM', key_of('messages', who), bundle.count, -1)
  state.held = state.held - bundle.bytes
  state.lease, state.failures, state.lost, state.ready = 0, 0, 0, now
end

-- The first closed bundle is set aside and no more there; what tells its repeats is kept with it.
local function remove_aside(who, state)
  remove_first(who, state)
  state.aside = now + kept * 1000
end

-- The first closed bundle is over: it was handled, or is given up.
local function drop_first(who, state)
  state.settled = state.fence
  remove_first(who, state)
end

-- Whether a message is one, as add writes it.
local function is_message(text)
  local number, arrival, id, size = string.match(text, '^([1-9]%d*) (%d+) ([1-9]%d*) (%d+) ')
  return number and tonumber(number) < END_OF_NUMBERS and tonumber(arrival) < END_OF_NUMBERS and #id < 18 and #size < 10
end

-- Whether a name is a "<chat>:<user>".
local function is_person(who)
  local chat, user = string.match(who, '^%-?([1-9]%d*):%-?([1-9]%d*)$')
  return chat and #chat < 19 and #user < 19
end

-- Whose a bundle is that is set aside, and its number; nothing if another program wrote that name.
local function parts_of(name)
  local who, number = string.match(name, '^(.*):([1-9]%d*)$')
  if who and is_person(who) and tonumber(number) < END_OF_NUMBERS then
    return who, number
  end
end

-- A bundle that is set aside is told as "<chat>:<user>", number, when, why, lost, failures, how many messages.
local function tell(told, who, number, at, why, lost, failures, count)
  for _, word in ipairs({ who, number, at, why, lost, failures, count }) do
    told[#told + 1] = type(word) == 'number' and string.format(WHOLE, word) or word
  end
end

-- Lists what is set aside now, after all that was: no two at once, since pages end with a time. What another program says is to come is as if it
-- had been set aside just before. Returns when that is.
local function list_aside(name)
  local over = redis.pcall('ZREMRANGEBYSCORE', aside, '-inf', string.format('(%.0f', now - kept * 1000))
  if type(over) == 'table' then
    redis.call('DEL', aside) -- another program wrote there
  end
  local newest = redis.call('ZREVRANGEBYSCORE', aside, string.format('(%.0f', END_OF_NUMBERS), '-inf', 'WITHSCORES', 'LIMIT', 0, 1)[2]
  local at = newest and math.max(now, math.floor(tonumber(newest)) + 1) or now
  for _, strange in ipairs(redis.call('ZRANGEBYSCORE', aside, string.format(WHOLE, END_OF_NUMBERS), '+inf', 'LIMIT', 0, MOST_ASIDE)) do
    redis.call('ZADD', aside, string.format(WHOLE, at), strange)
    at = at + 1
  end
  redis.call('ZADD', aside, string.format(WHOLE, at), name)
  redis.call('PEXPIRE', aside, kept)
  return at
end

-- Keeps messages of somebody where nobody is handed them, as long as what nobody takes. told: whom it is told; gone counts there what is
-- gone for it, the oldest, since somebody whose bundles all kill must not fill the memory.
local MOST_IN_ONE = 100
local function set_aside(told, who, messages, why, lost, failures)
  local number = is_message(messages[1]) and string.match(messages[1], '^%d+') or string.format(WHOLE, now)
  while redis.call('EXISTS', key_of('aside', who .. ':' .. number)) > 0 do
    number = string.format(WHOLE, tonumber(number) + 1)
  end
  local name = who .. ':' .. number
  redis.call('RPUSH', key_of('aside', name), string.format('%s %.0f %.0f', why, lost, failures))
  for from = 1, #messages, MOST_IN_ONE do
    redis.call('RPUSH', key_of('aside', name), unpack(messages, from, math.min(#messages, from + MOST_IN_ONE - 1)))
  end
  redis.call('PEXPIRE', key_of('aside', name), kept)
  local at = list_aside(name)
  local over = redis.call('ZCARD', aside) - MOST_ASIDE
  for _, oldest in ipairs(over > 0 and redis.call('ZRANGE', aside, 0, over - 1) or {}) do
    redis.call('DEL', key_of('aside', oldest))
    redis.call('ZREM', aside, oldest)
    told.gone = (told.gone or 0) + 1
  end
  tell(told, who, number, at, why, lost, failures, #messages)
end

-- Somebody's keys that another program wrote, or cut: what messages there are is set aside, and their person begins anew. Returns how
-- many bytes these are.
local MOST_READ = 1000
local function set_aside_unreadable(told, who)
  local messages = redis.pcall('LRANGE', key_of('messages', who), 0, MOST_READ - 1)
  local bytes = 0
  forget(who)
  if messages.err or #messages == 0 then
    tell(told, who, now, now, 'unreadable', 0, 0, 0)
    return bytes
  end
  for from = 1, #messages, MOST_IN_ONE do
    local part = {}
    for i = from, math.min(#messages, from + MOST_IN_ONE - 1) do
      part[#part + 1] = messages[i]
      bytes = bytes + #messages[i]
    end
    set_aside(told, who, part, 'unreadable', 0, 0)
  end
  return bytes
end

-- What is known of somebody to whom something is to be added, or nothing; and whether Redis still has all of it.
local function known(told, who)
  local readable, state = pcall(read, who)
  local unhandled = redis.pcall('LLEN', key_of('messages', who))
  if not readable or type(unhandled) == 'table' then
    set_aside_unreadable(told, who)
    return nil
  end
  return state, state and unhandled == count_of(state)
end

-- Whether there is room for more of somebody.
local function has_room(state, size, room, room_bytes, room_people)
  if state and (count_of(state) >= room or state.held > 0 and state.held + size > room_bytes) then
    return false
  end
  return state and look_at(state) or redis.call('ZCARD', due) < room_people
end

-- Somebody's messages that are not as many as the state says, or have none: what Redis evicted, or another program took, is gone, and what
-- is left is set aside. Returns how many bytes these are.
local function set_aside_left(told, who)
  if redis.call('EXISTS', key_of('messages', who)) > 0 then
    return set_aside_unreadable(told, who)
  end
  forget(who)
  return 0
end

-- The state of somebody who had nothing, or nothing whole.
local function begin(told, who)
  if redis.call('EXISTS', key_of('messages', who), key_of('ids', who)) > 0 then
    set_aside_left(told, who)
  end
  return nothing_yet()
end

-- Remembers when a message came, so that its repeats are known.
local function remember(who, id, arrival, most)
  redis.call('ZADD', key_of('ids', who), arrival, id)
  redis.call('ZREMRANGEBYRANK', key_of('ids', who), 0, -tonumber(most) - 1)
end

-- Calls what with the name of each bundle of somebody's, or of all if who is nothing, that is set aside; the oldest first.
local function each_aside(what, who)
  for _, name in ipairs(redis.pcall('ZRANGE', aside, 0, -1)) do
    if not who or string.sub(name, 1, #who + 1) == who .. ':' then
      what(name)
    end
  end
end

-- Returns whether there was such a bundle.
local function drop_aside(name)
  redis.pcall('ZREM', aside, name) -- another program may have written there
  return redis.call('DEL', key_of('aside', name)) > 0
end
