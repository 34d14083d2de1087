-- Changes a session. Atomic because all of it happens or nothing, and so that two who add at once do not take one place.
-- KEYS  as in session.lua
-- ARGV  1 as in session.lua, 2 expected version or empty, 3 "1" if all that was there goes first, 4 how many actions, 5 entries of history and
--       6 settings there may be, 7 how many actions and 8 entries are added, 9 how many settings are removed, then those actions, entries and
--       names, then of each setting that is put its name, for how many microseconds or "0", and its bytes
-- Returns {1, version}; {0, version}: not as expected; {2, settings}: those would be too many
local expected, clears, most = ARGV[2], ARGV[3] == '1', tonumber(ARGV[6])
local bounds = { a = tonumber(ARGV[4]), h = tonumber(ARGV[5]) }
local first_history = 10 + tonumber(ARGV[7])
local first_removed = first_history + tonumber(ARGV[8])
local first_put = first_removed + tonumber(ARGV[9])

if expected ~= '' and tonumber(expected) ~= version then
  if there then
    touch()
  end
  return { 0, string.format(WHOLE, version) }
end
local adds = first_removed > 10 or first_put <= #ARGV
if not adds and not (there and (clears or first_put > first_removed)) then
  if there then
    touch()
  end
  return { 1, string.format(WHOLE, version) }
end

-- What goes: what stood here before its time ran out or is cleared, settings that are named or have ended.
local goes, settings = {}, 0
local all_goes = clears or not there
local names = redis.call('HKEYS', key)
for _, name in ipairs(names) do
  goes[name] = all_goes or nil
end
if not all_goes then
  local ends = {}
  for _, name in ipairs(names) do
    if string.sub(name, 1, 2) == 'x:' and has_ended(redis.call('HGET', key, name)) then
      ends['s:' .. string.sub(name, 3)] = true
    end
  end
  for i = first_removed, first_put - 1 do
    ends[ARGV[i]] = true
  end
  for _, name in ipairs(names) do
    if ends[name] then
      goes[name] = true
      goes['x:' .. string.sub(name, 3)] = true
    elseif string.sub(name, 1, 2) == 's:' then
      settings = settings + 1
    end
  end
end

local write = {}
local function set(name, value)
  goes[name] = nil
  write[#write + 1] = name
  write[#write + 1] = value
end
local present = {}
for _, name in ipairs(names) do
  present[name] = not goes[name]
end
for i = first_put, #ARGV, 3 do
  local name, micros = ARGV[i], tonumber(ARGV[i + 1])
  local ends = 'x:' .. string.sub(name, 3)
  if not present[name] then
    settings = settings + 1
  end
  set(name, ARGV[i + 2])
  if micros > 0 then
    set(ends, string.format(WHOLE, now + micros))
  else
    goes[ends] = true
  end
end
if first_put <= #ARGV and settings > most then
  if there then
    touch()
  end
  return { 2, settings }
end

local counts = { a = all_goes and 0 or actions, h = all_goes and 0 or history }
local function append(kind, first, last)
  for i = first, last do
    counts[kind] = counts[kind] + 1
    set(kind .. ':' .. string.format(WHOLE, counts[kind] % bounds[kind]),
      string.format('%.0f %.0f ', counts[kind], now) .. ARGV[i])
  end
end
append('a', 10, first_history - 1)
append('h', first_history, first_removed - 1)
version = math.max(version + 1, now)
set('v', string.format(WHOLE, version))
set('t', string.format(WHOLE, now))
set('a', string.format(WHOLE, counts.a))
set('h', string.format(WHOLE, counts.h))

-- A Redis whose memory is full refuses the first that adds, before anything is changed; what only removes begins with the TTL and goes through.
if not adds then
  expire()
end
replace_fields(key, write, goes)
expire()
return { 1, string.format(WHOLE, version) }
