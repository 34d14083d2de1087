-- As acquire-all.lua, but returns only how many decisions that took.
local decided, decide = 0, bucket_decide
bucket_decide = function(...)
  decided = decided + 1
  return decide(...)
end
combined(KEYS, ARGV)
return { decided }
