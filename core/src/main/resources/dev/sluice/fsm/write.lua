-- Changes a conversation if it is as expected. Atomic because between a look and a write another could come, and so that state and data change
-- together or not at all.
-- KEYS  as in conversation.lua
-- ARGV  1 as in conversation.lua, 2 expected state: "=<name>", "-" for none, empty for any, 3 expected version or empty, 4 fence or 0,
--       5 next state, written as the expected one, empty to keep it, 6 "1" if all data are replaced, 7 how many fields there may be, 8 how many
--       bytes they may have, 9 how many are removed, then their names, then of each that is put its name and its bytes
-- Returns {1, version, state before}; {0, version, state}: not as expected; {2, greatest fence seen}: overtaken;
-- {3, fields, bytes}: that would be too much. A version is made from the clock, so that it does not begin anew.
local expected, at, by, next_state, replaces = ARGV[2], ARGV[3], tonumber(ARGV[4]), ARGV[5], ARGV[6] == '1'
local most_fields, most_bytes, removed = tonumber(ARGV[7]), tonumber(ARGV[8]), tonumber(ARGV[9])
local first_put = 10 + removed

if by > 0 and by < fence then
  touch()
  return { 2, string.format(WHOLE, fence) }
end
if (expected ~= '' and expected ~= state) or (at ~= '' and tonumber(at) ~= version) then
  if there then
    touch()
  end
  return { 0, string.format(WHOLE, version), state }
end

local puts = first_put <= #ARGV
local grows = puts or string.sub(next_state, 1, 1) == '='
if not there and not grows and by == 0 then
  return { 1, '0', '-' }
end

-- What goes: what stood here before its time ran out, all data, or those named.
local goes = {}
if not there or replaces then
  fields, bytes = 0, 0
  for _, name in ipairs(redis.call('HKEYS', key)) do
    goes[name] = not there or string.sub(name, 1, 2) == 'd:' or nil
  end
else
  for i = 10, first_put - 1 do
    local length = redis.call('HSTRLEN', key, ARGV[i])
    if length > 0 then
      goes[ARGV[i]] = true
      fields, bytes = fields - 1, bytes - length
    end
  end
end
local write = {}
for i = first_put, #ARGV, 2 do
  local name, value = ARGV[i], ARGV[i + 1]
  local before = (not there or replaces or goes[name]) and 0 or redis.call('HSTRLEN', key, name)
  fields, bytes = fields + (before > 0 and 0 or 1), bytes + #value - before
  goes[name] = nil
  write[#write + 1] = name
  write[#write + 1] = value
end
if puts and (fields > most_fields or bytes > most_bytes) then
  if there then
    touch()
  end
  return { 3, fields, bytes }
end

local was = state
if grows or next_state ~= '' or replaces or removed > 0 then
  version = math.max(version + 1, now)
end
if next_state == '-' then
  goes['s'] = true
elseif next_state ~= '' then
  goes['s'] = nil
  write[#write + 1] = 's'
  write[#write + 1] = string.sub(next_state, 2)
end
for name, value in pairs({ v = version, f = math.max(fence, by), t = now, n = fields, b = bytes }) do
  goes[name] = nil
  write[#write + 1] = name
  write[#write + 1] = string.format(WHOLE, value)
end

-- A Redis whose memory is full refuses the first that adds, before anything is changed; what only removes begins with the TTL and goes through.
if there and not grows then
  expire()
end
replace_fields(key, write, goes)
expire()
return { 1, string.format(WHOLE, version), was }
