-- Library: fields of a hash, some written and others removed.
-- What adds comes first: a Redis whose memory is full refuses it before anything is changed.
--   write  name, value, name, value, ...: at least one
--   goes   a table whose keys are names
local function replace_fields(key, write, goes)
  redis.call('HSET', key, unpack(write))
  local gone = {}
  for name in pairs(goes) do
    gone[#gone + 1] = name
  end
  if #gone > 0 then
    redis.call('HDEL', key, unpack(gone))
  end
end
