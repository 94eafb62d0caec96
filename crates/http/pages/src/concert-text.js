// The texts of the page of a concert.

import { addTexts } from './text.js';

addTexts({
  'concert.book': ['Join the queue', '줄 서기'],
  'concert.signIn': ['Sign in to join the queue', '로그인하고 줄 서기'],
  'concert.await': ['Wait for booking to open', '예매 시작 기다리기'],
  'concert.pausedHow': ['No one is admitted for now. You can join the queue already: you keep your position until admission goes on.', '지금은 입장이 멈췄습니다. 미리 줄을 서면 입장이 다시 시작될 때까지 순서가 유지됩니다.'],
  'concert.heldHow': ['Other users hold all seats that are left. Seats that they do not pay for are free again within minutes.', '남은 좌석을 모두 다른 분이 잡고 있습니다. 결제되지 않은 좌석은 몇 분 안에 다시 풀립니다.'],
  'concert.soldOutHow': ['Every seat is sold. Look again later: tickets that are cancelled can be booked again.', '모든 좌석이 판매되었습니다. 취소된 표는 다시 예매할 수 있으니 나중에 다시 확인해 주세요.'],
  'concert.sales': ['How it sells', '판매 현황'],
});
