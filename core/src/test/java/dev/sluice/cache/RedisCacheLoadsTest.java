package dev.sluice.cache;

class RedisCacheLoadsTest extends CacheLoadsContract {
    private final CachesUnderTest.OnRedis where = new CachesUnderTest.OnRedis();

    @Override
    CachesUnderTest where() {
        return where;
    }
}
