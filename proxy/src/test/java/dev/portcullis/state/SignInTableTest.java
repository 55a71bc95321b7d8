package dev.portcullis.state;

import static dev.portcullis.state.SessionStoreContract.SIGN_IN_TIME;
import static dev.portcullis.state.SessionStoreContract.START;
import static dev.portcullis.state.SessionStoreContract.signIn;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class SignInTableTest {
    @Test
    void nothingLeftBehind_afterSignInsHaveEnded() {
        var table = new SignInTable(10, SIGN_IN_TIME);
        for (int i = 0; i < 10; i++) {
            table.put("s" + i, signIn("b" + i % 3, START.plusSeconds(i)));
        }
        table.removeExpired(START.plus(SIGN_IN_TIME).plusSeconds(4));
        assertThat(table.size()).isEqualTo(5);
        table.removeExpired(START.plus(SIGN_IN_TIME).plusSeconds(9));
        assertThat(table.size()).isZero();
    }
}
