package dev.portcullis.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RedisConfigTest {
    private static final String KEYS = "keys: tls.key, ";

    @TempDir Path temp;
    private ConfigFolder files;

    @BeforeEach
    void folder() throws IOException {
        files = new ConfigFolder(temp);
    }

    private static String with(String state) {
        return ConfigFolder.SMALLEST + "\nstate: { " + state + " }\n";
    }

    @Test
    void everyKey_isMapped() {
        var config =
                files.loaded(
                        with(
                                KEYS
                                        + "redis: 'rediss://redis.example.com:6380/3',"
                                        + " redis-password: correct-horse, redis-ca: tls.crt"));
        assertThat(config.state().redis())
                .isEqualTo(
                        new RedisConfig(
                                "redis.example.com",
                                6380,
                                3,
                                true,
                                new Secret("correct-horse"),
                                temp.resolve("tls.crt")));
    }

    @Test
    void withoutRedis_aFileIsEnough() {
        assertThat(files.loaded(ConfigFolder.SMALLEST).state().redis()).isNull();
    }

    @Test
    void theAddressAlone_hasDefaults() {
        assertThat(files.loaded(with(KEYS + "redis: 'rediss://r'")).state().redis())
                .isEqualTo(new RedisConfig("r", 6379, 0, true, null, null));
    }

    @Test
    void plainOnLoopback_needsNoKeyOfThatName() {
        var config = files.loaded(with(KEYS + "redis: 'redis://127.0.0.1:1'"));
        assertThat(config.state().redis())
                .isEqualTo(new RedisConfig("127.0.0.1", 1, 0, false, null, null));
        assertThat(config.insecureSettings()).isEmpty();
    }

    @Test
    void plainElsewhere_isNamedInsecure() {
        var config =
                files.loaded(with(KEYS + "redis: 'redis://10.0.0.7', insecure-plain-redis: true"));
        assertThat(config.insecureSettings()).containsExactly("state.insecure-plain-redis");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "redis://10.0.0.7",
                "redis://localhost",
                "https://r",
                "r:6379",
                "rediss://user:password@r",
                "rediss://:password@r",
                "rediss://r/zero",
                "rediss://r/0/1",
                "rediss://r?db=1",
                "rediss://r:70000"
            })
    void anAddressThatIsNone_isRefused(String address) {
        assertThat(files.problems(with(KEYS + "redis: '" + address + "'")))
                .singleElement()
                .asString()
                .contains("state.redis: ")
                .contains("(expected: rediss://host:port/database without user or password");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "redis: 'rediss://r'                                     | state.keys: found no key",
                "redis-password: x                                       | state.redis-password: found a key that has no effect",
                "redis-ca: tls.crt                                       | state.redis-ca: found a key that has no effect",
                "keys: tls.key, redis: 'redis://[::1]', redis-ca: tls.crt | state.redis-ca: found a certificate authority without TLS",
            })
    void whatWouldHaveNoEffect_isRefused(String state, String problem) {
        assertThat(files.problems(with(state))).singleElement().asString().contains(problem);
    }
}
