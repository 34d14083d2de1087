-- Library: what was said last in one chat, as its steps read it.
-- KEYS  1 the history, a hash: v version, t until when it is kept, l until when what was loaded into it counts (0: nothing was),
--       i of each entry, the oldest first, "<number> <when it was said> <tokens> <user or 0> <id>\n", e:<id> its content, sealed,
--       f fence of whoever loads it now, x until when nobody else may; times in microseconds, ids are digests
-- ARGV  1 for how long it is kept once something was added, 2 the most entries, 3 the most tokens, 4 the greatest age of an entry
local key = KEYS[1]
local kept, most, most_tokens, age = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local WHOLE = '%.0f'

local there, version, ends, loaded, entries = false, 0, 0, 0, {}
local fence, leased
do
  local known = redis.call('HMGET', key, 'v', 't', 'l', 'i', 'f', 'x')
  fence, leased = known[5], tonumber(known[6] or 0)
  if known[2] and tonumber(known[2]) > now then
    there = true
    version, ends, loaded = tonumber(known[1]), tonumber(known[2]), tonumber(known[3])
    for number, time, tokens, user, id in string.gmatch(known[4], '(%d+) (%d+) (%d+) (%d+) (%x+)\n') do
      entries[#entries + 1] = {
        number = tonumber(number), time = tonumber(time), tokens = tonumber(tokens), user = user, id = id,
      }
    end
  end
end

-- An entry as the five arguments from ARGV[at] on say: id, when it was said or empty, tokens, user, content. Nothing was said later than now.
local function entry_at(at, number)
  local time = ARGV[at + 1] == '' and now or math.min(now, tonumber(ARGV[at + 1]))
  return { number = number, time = time, tokens = tonumber(ARGV[at + 2]), user = ARGV[at + 3], id = ARGV[at],
    content = ARGV[at + 4] }
end

-- The newest of these that are not too old and neither too many nor too much.
local function newest_of(all, count, tokens, at_least)
  local young = {}
  for _, entry in ipairs(all) do
    if entry.time > now - age then
      young[#young + 1] = entry
    end
  end
  local first, sum = #young + 1, 0
  while first > 1 and #young - first + 1 < count do
    sum = sum + young[first - 1].tokens
    if sum > tokens and #young - first + 1 >= at_least then
      break
    end
    first = first - 1
  end
  return { unpack(young, first) }
end

-- What may be kept of these: the newest stays however large it is.
local function trimmed(all)
  return newest_of(all, most, most_tokens, 1)
end

local function expire()
  local last = math.max(ends, leased)
  redis.call('PEXPIRE', key, string.format(WHOLE, math.max(1, math.ceil((last - now) / 1000))))
end

-- Writes down that these entries are there. The first command adds, so that a Redis whose memory is full refuses it before anything is changed.
local function save(all)
  local goes = {}
  for _, name in ipairs(there and {} or redis.call('HKEYS', key)) do
    goes[name] = string.sub(name, 1, 2) == 'e:' or nil
  end
  for _, entry in ipairs(entries) do
    goes['e:' .. entry.id] = true
  end
  local lines = {}
  local write = { 'v', string.format(WHOLE, version), 't', string.format(WHOLE, ends), 'l', string.format(WHOLE, loaded) }
  for i, entry in ipairs(all) do
    lines[i] = string.format('%.0f %.0f %.0f %s %s\n', entry.number, entry.time, entry.tokens, entry.user, entry.id)
    goes['e:' .. entry.id] = nil
    if entry.content then
      write[#write + 1] = 'e:' .. entry.id
      write[#write + 1] = entry.content
    end
  end
  write[#write + 1] = 'i'
  write[#write + 1] = table.concat(lines)
  replace_fields(key, write, goes)
  expire()
end
