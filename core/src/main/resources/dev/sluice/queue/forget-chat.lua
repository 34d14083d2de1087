-- Forgets what a chat's messages say, or the messages themselves, a bounded number of keys at a time. What has not been sent yet is cancelled
-- if the messages are to be forgotten, and else loses its content when it ends; what is in flight loses it then in either case.
-- KEYS  what the queue's names start with; what its limits' start with
-- ARGV  where to go on, 0 to begin; about how many keys to look at; the chat's lane; 1 if the messages themselves are forgotten, else 0;
--       microseconds to keep what has ended
-- Returns where to go on, 0 at the end; how many were forgotten, or lost their content
-- Atomic because each of them may be leased, settled or changed at the same moment.
local lane, all = ARGV[3], ARGV[4] == '1'
local HEAD_AND_LANE, LONGEST_LANE = 31, 100
lanes_open(true)

local function untold(number)
  call('DEL', CALLBACK_OF .. number)
  call('ZREM', OWED_SET, number)
end

local function forgotten(number, m)
  if m.state == LEASED then
    m.flags = bit.bor(m.flags, EPHEMERAL)
    message_touch(number, m)
    return 0
  elseif m.state == SENT or m.state == FAILED then
    message_unlinked(number, m, 0)
    call('DEL', MESSAGE .. number)
  elseif m.state == DEAD then
    changes.purge(number, m)
  else
    if m.state ~= UNKNOWN then
      changes.cancel(number, m, 0)
    end
    if m.state == UNKNOWN then
      changes.failed(number, m, 0)
    end
  end
  untold(number)
  return 1
end

local function textless(number, m)
  local had = #sub(m.raw, m.at) > 0
  m.flags = bit.bor(m.flags, EPHEMERAL)
  if m.state == SENT or m.state == FAILED then
    call('SET', MESSAGE .. number, message_pack(m, ''), 'KEEPTTL')
  elseif m.state == UNKNOWN then
    call('SET', MESSAGE .. number, message_pack(m, ''))
  elseif m.state == DEAD then
    -- Whoever was to be told of its end was told of this one.
    m.flags = m.flags - has(m.flags, CALLBACK)
    call('PEXPIRE', CALLBACK_OF .. number, CALLBACK_LIFE)
    message_taken(number, m)
    message_failed(number, m, m.failure, tonumber(ARGV[5]), now)
  else
    message_touch(number, m)
    return 0
  end
  return had and 1 or 0
end

local found = call('SCAN', ARGV[1], 'MATCH', MESSAGE .. '*', 'COUNT', ARGV[2])
local changed = 0
for _, key in ipairs(found[2]) do
  -- What another program wrote, or cut, keeps nobody from being forgotten.
  local head = redis.pcall('GETRANGE', key, 0, HEAD_AND_LANE + LONGEST_LANE)
  local named, name = false, ''
  if type(head) == 'string' and #head > HEAD_AND_LANE then
    named, name = pcall(read, '<Bc0', head, HEAD_AND_LANE + 1)
  end
  local number = sub(key, #MESSAGE + 1)
  local readable, m = false, nil
  if named and (name == lane or lane_home(name) == lane) then
    readable, m = pcall(message_find, number)
  end
  if readable and m and RANKS[m.rank] then
    changed = changed + (all and forgotten or textless)(number, m)
  end
end
lanes_announce()
lanes_close()
return { found[1], changed }
