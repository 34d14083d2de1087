-- Library, before buckets.lua: gives the libraries after it a way to Redis that combined.lua can take over, so that it holds what they write.
local redis = { call = redis.call }
