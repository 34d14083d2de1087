-- Writes down what became of a broadcast's messages, takes back what must not be sent, ends it when nothing is left.
-- KEYS  the queue's and the limits' names; what the names of broadcasts start with
-- ARGV  its number; microseconds that it is kept; that a chat is suppressed; recipients in a chunk; how many are taken back at most;
--       after how many refusals in a row it pauses itself
-- Returns nothing if there is none; else its status, 1 if there is more to take back (2 if there is since it has just paused itself), the window's room, the first recipient
-- that may wait with the marks from there to the end of its chunk, the chunk and the template (or 0 and '' if nothing is to be
-- fed); then per outcome its letter and how many came to it
-- Atomic because a message's record is forgotten in the step that counts it, and because a message that is taken back may be
-- leased at the same moment.
local number, keep, suppressed_for, chunk, most = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5])
local most_refused = tonumber(ARGV[6])
local broadcast, results, window = broadcast_key(number, 'state'), broadcast_key(number, 'results'), broadcast_key(number, 'window')
local recipients = broadcast_key(number, 'recipients')
local status, over, waiting, next_one, size, everybody, once, rate, weight, rated, refused_before = unpack(call('HMGET', broadcast,
  'status', 'ended', 'waiting', 'next', 'window', 'everybody', 'key', 'rate', 'weight', 'rated', 'refused'))
if not status then
  broadcast_ended(number, keep)
  return {}
elseif over then
  return { status, 0, 0, 0, '', '', '' }
end
waiting, next_one = tonumber(waiting), tonumber(next_one)
lanes_open(true)

local PIECE = 16384 -- marks that are looked through at once
local OUTCOME_OF_FAILURE = { 'R', 'X', 'E', 'C', 'P', 'N' }
local gone, left, outcomes, ended = {}, {}, {}, 0
local refused, too_many = tonumber(refused_before) or 0, false
local function came_to(message, recipient, outcome)
  left[#left + 1] = message
  call('SETRANGE', results, recipient, outcome)
  outcomes[outcome], ended = (outcomes[outcome] or 0) + 1, ended + 1
  if outcome == 'S' then
    refused = 0
  elseif outcome == 'R' then
    refused = refused + 1
    too_many = too_many or refused >= most_refused
  end
end

-- What is paused or cancelled leaves the queue, unless it is being sent.
local taken_back, more = 0, 0
local function take_back(message, recipient)
  local m = message_find(message)
  message_taken(message, m)
  local unknown = message_given_up(message, m, CANCELLED, 0, now)
  taken_back = taken_back + 1
  if unknown then
    came_to(message, recipient, 'U')
  elseif status == STATUS_CANCELLED then
    came_to(message, recipient, 'C')
  else
    left[#left + 1] = message
    call('SETRANGE', results, recipient, WAITS)
    waiting, next_one = waiting + 1, min(next_one, recipient)
  end
end

-- Back from the queue: what is suppressed is remembered, and forgotten again once it could be reached.
local function remember(message, outcome)
  if outcome == 'N' then
    call('SET', SUPPRESSED_CHAT .. lane_now(message_find(message).lane), '', 'PX', millis(suppressed_for))
  elseif everybody == '1' then
    call('DEL', SUPPRESSED_CHAT .. lane_now(message_find(message).lane))
  end
end

local queued = call('ZRANGE', window, 0, -1, 'WITHSCORES')
for i = 1, #queued, 2 do
  local message, recipient = queued[i], tonumber(queued[i + 1])
  local head = call('GETRANGE', MESSAGE .. message, 0, 4)
  local state = string.byte(head)
  if not state then
    came_to(message, recipient, 'U') -- forgotten before anybody asked
  elseif state == SENT or state == FAILED then
    local outcome = state == SENT and 'S' or OUTCOME_OF_FAILURE[string.byte(head, 5)]
    if outcome == 'N' or outcome == 'S' and everybody == '1' then
      remember(message, outcome)
    end
    came_to(message, recipient, outcome)
    gone[#gone + 1] = MESSAGE .. message
  elseif state == DEAD then
    came_to(message, recipient, OUTCOME_OF_FAILURE[string.byte(head, 5)])
  elseif state == UNKNOWN then
    came_to(message, recipient, 'U')
  elseif status ~= STATUS_RUNNING and state ~= LEASED then
    if taken_back < most then
      take_back(message, recipient)
    else
      more = 1
    end
  end
end
for from = 1, #left, 1000 do
  call('ZREM', window, unpack(left, from, min(#left, from + 999)))
end
for from = 1, #gone, 1000 do
  call('DEL', unpack(gone, from, min(#gone, from + 999)))
end
for outcome, n in pairs(outcomes) do
  call('HINCRBY', broadcast, 'n:' .. outcome, n)
end
if outcomes.S or outcomes.R then
  call('HSET', broadcast, 'refused', refused)
end
if taken_back > 0 then
  call('HSET', broadcast, 'waiting', waiting, 'next', next_one)
end
lanes_close()

-- The average of the last ten seconds or so, by weight of how much of them has passed since it began.
local passed = now - tonumber(rated)
if passed > 0 and status == STATUS_RUNNING then
  local fresh = 1 - math.exp(-passed / 10000000)
  call('HSET', broadcast, 'rate', rate * (1 - fresh) + ended * 1000000 / passed * fresh, 'weight', weight * (1 - fresh) + fresh,
    'rated', string.format('%.0f', now))
end

local standing = #queued / 2 - #left
if waiting == 0 and standing == 0 then
  if status ~= STATUS_CANCELLED then
    status = STATUS_DONE
  end
  call('HSET', broadcast, 'status', status, 'ended', string.format('%.0f', now))
  broadcast_ended(number, keep)
  for _, key in ipairs({ broadcast, results, recipients }) do
    call('PEXPIRE', key, millis(keep))
  end
  if once ~= '' then
    call('PEXPIRE', broadcasts .. 'key:' .. once, millis(keep))
  end
end

-- What goes wrong for everybody shall not go on: each would be a dead letter.
if too_many and status == STATUS_RUNNING then
  status, more = STATUS_PAUSED, 2
  call('HSET', broadcast, 'status', status, 'refused', 0, 'refusing', 1, 'rate', 0, 'weight', 0)
end

local room = max(0, tonumber(size) - standing)
local reply = { status, more, room, 0, '', '', '' }
if status == STATUS_RUNNING and room > 0 and waiting > 0 then
  local before = next_one
  repeat
    local piece = call('GETRANGE', results, next_one, next_one + PIECE - 1)
    local at = string.find(piece, WAITS, 1, true)
    next_one = next_one + (at and at - 1 or #piece)
  until at or piece == ''
  if next_one > before then
    call('HSET', broadcast, 'next', next_one)
  end
  local number_of_chunk = floor(next_one / chunk)
  reply[4] = next_one
  reply[5] = call('GETRANGE', results, next_one, (number_of_chunk + 1) * chunk - 1)
  reply[6] = call('HGET', recipients, number_of_chunk) or ''
  reply[7] = call('HGET', recipients, 'template') or ''
end
for outcome, n in pairs(outcomes) do
  reply[#reply + 1] = outcome
  reply[#reply + 1] = n
end
return reply
