// The texts of the page of a waiting room.

import { addTexts } from './text.js';

addTexts({
  'room.now': ['{name}: {value} now, {low} to {high} in the last 10 minutes', '{name}: 현재 {value}, 최근 10분 {low}~{high}'],
  'room.unknown': ['not known', '알 수 없음'],
  'room.admitted': ['Admitted per minute', '분당 입장'],
  'room.held': ['Seats held', '확보된 좌석'],
  'room.sold': ['Seats sold', '판매된 좌석'],
  'room.refused': ['Commands refused in the last minute', '최근 1분 거절된 요청'],
  'room.wholeService': ['Of the whole service, as this server counts it', '서비스 전체(이 서버 기준)'],
  'room.ofCapacity': ['Capacity: {n}', '정원: {n}명'],
  'room.removeHow': ['The token expires as if its user left, and seats held with it are released. The user can join again at the end of the queue.', '사용자가 나간 것처럼 만료되고, 확보한 좌석이 해제됩니다. 사용자는 다시 줄을 설 수 있습니다.'],
  'room.removeSure': ['Remove the position {id} from the queue?', '순서 {id}을(를) 대기열에서 내보낼까요?'],
  'room.removeByEmail': ['Find the user by e-mail', '이메일로 회원 찾기'],
  'room.removed': ['Removed: {id}', '내보냈습니다: {id}'],
  'room.token': ['Number of the position', '순서 번호'],
  'room.tokenHint': ['A waiting user finds it below the position', '대기 중인 사용자의 순서 아래에 표시됩니다'],
  'room.latency': ['Mean answer time, ms', '평균 응답 시간(ms)'],
  'room.controls': ['Room controls', '대기실 운영'],
  'room.capacityHint': ['The most users who may shop at the same time; 0 admits no user', '동시에 이용할 수 있는 최대 인원. 0이면 아무도 입장하지 못합니다'],
  'room.messageHint': ['Up to 300 characters; leave empty for none', '최대 300자. 비우면 표시되지 않습니다'],
  'room.changedElsewhere': ['{name}: another operator has set {value} meanwhile. Saving here replaces it.', '{name}: 다른 운영자가 {value}(으)로 변경했습니다. 여기서 저장하면 덮어씁니다.'],
  'room.pause': ['Pause', '일시 정지'],
  'room.resume': ['Resume', '다시 시작'],
  'room.lost': ['The connection is lost; the figures may be out of date.', '연결이 끊겨 최신 정보가 아닐 수 있습니다.'],
  'room.admitBatchHint': ['The most users admitted at once', '한 번에 입장시킬 최대 인원'],
  'room.admitIntervalSecondsHint': ['Users are admitted again after this time', '이 시간이 지나면 다시 입장시킵니다'],
  'room.activeSecondsHint': ['Time to choose and hold seats after admission', '입장한 뒤 좌석을 고를 수 있는 시간'],
  'room.idleSecondsHint': ['A waiting user who does not respond for this long loses the position', '이 시간 동안 응답이 없으면 대기 순서가 취소됩니다'],
  'room.pauseSure': ['Pause admission? {n} users wait.', '입장을 멈출까요? {n}명이 기다리고 있습니다.'],
});
