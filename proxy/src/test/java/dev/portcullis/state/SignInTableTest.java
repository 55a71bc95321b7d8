package dev.portcullis.state;

import static dev.portcullis.state.SessionStoreContract.SIGN_IN_TIME;
import static dev.portcullis.state.SessionStoreContract.START;
import static dev.portcullis.state.SessionStoreContract.signIn;
import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.testing.TimeOfCalls;
import org.junit.jupiter.api.Test;

class SignInTableTest {
    private final TimeOfCalls time = new TimeOfCalls();

    @Test
    void nothingLeftBehind_afterSignInsHaveEnded() {
        var table = new SignInTable(10, SIGN_IN_TIME, time);
        for (int i = 0; i < 10; i++) {
            time.at(START.plusSeconds(i));
            table.put("s" + i, signIn("b" + i % 3, START.plusSeconds(i)));
        }
        time.at(START.plus(SIGN_IN_TIME).plusSeconds(4));
        table.removeExpired();
        assertThat(table.size()).isEqualTo(5);
        time.at(START.plus(SIGN_IN_TIME).plusSeconds(9));
        table.removeExpired();
        assertThat(table.size()).isZero();
    }

    @Test
    void aClockThatIsSet_neitherShortensNorLengthensASignIn() {
        var table = new SignInTable(10, SIGN_IN_TIME, time);
        time.at(START);
        table.put("ahead", signIn("b", START.plus(SIGN_IN_TIME.multipliedBy(6))));
        table.put("back", signIn("b", START.minus(SIGN_IN_TIME.multipliedBy(6))));
        time.at(START.plus(SIGN_IN_TIME).minusNanos(1));
        assertThat(table.take("ahead")).isPresent();
        time.at(START.plus(SIGN_IN_TIME));
        assertThat(table.take("back")).isEmpty();
    }
}
